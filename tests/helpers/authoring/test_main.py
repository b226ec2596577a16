"""The authors' command line."""

import pytest

from helpers.authoring.__main__ import COMMANDS, main


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert COMMANDS[command][1].split()[0] in capsys.readouterr().out


def test_an_unknown_argument_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["tidy", "--fast"])
    assert ended.value.code == 2
    assert "unknown arguments: --fast" in capsys.readouterr().err


def test_no_command_is_refused():
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2


@pytest.mark.parametrize("command", ["release", "tidy", "samples"])
def test_deriving_again_changes_nothing(command, capsys):
    assert main([command]) == 0
    assert main([command]) == 0
    assert capsys.readouterr().out.endswith("nothing to do: all is current\n")
