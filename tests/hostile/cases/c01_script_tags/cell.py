from IPython.display import HTML, Javascript, display

print("<script>document.title = 'taken'</script><img src=x onerror=alert(1)>")
display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
