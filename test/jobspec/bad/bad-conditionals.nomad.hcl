job "bad-conditionals" {
  meta {
    types = true ? { a = 1 } : ["x"]
    null  = null ? 1 : 2
  }
}
