first  = "from one"
second = "from one"
list   = [1, 2]
