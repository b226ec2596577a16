!ls -la /
%time 1 + 1
%env EDITOR=vi
!echo hello | tr a-z A-Z
