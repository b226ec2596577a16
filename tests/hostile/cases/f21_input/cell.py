name = input("who are you? ")
