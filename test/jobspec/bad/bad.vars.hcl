count = "many"
othr  = 1
block {}
