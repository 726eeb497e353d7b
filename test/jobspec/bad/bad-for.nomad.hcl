job "bad-for" {
  meta {
    a = [for x in 5 : x]
    b = { for x in ["a", "a"] : x => 1 }
    e = { for k, v in { a = 1 } : null => v }
  }
}
