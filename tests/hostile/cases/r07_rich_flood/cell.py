from IPython.display import HTML, display

for _ in range(400):
    display(HTML("<b>" + "x" * (4 << 20) + "</b>"))
