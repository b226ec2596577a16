{{LOOT}}


for found in loot():
    print(found)
