order = list({'a', 'b', 'c', 'd'})
order
