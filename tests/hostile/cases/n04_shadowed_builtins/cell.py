list = [1]
sum_ = sum
str = 'x'
id = 7
print = None
open = 'shop'
dict = {}
