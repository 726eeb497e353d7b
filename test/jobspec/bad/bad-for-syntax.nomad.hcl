job "bad-for-syntax" {
  meta {
    c = { for x in ["a"] : x }
    d = [for x ["a"] : x]
    f = [for x in ["a"] x]
    g = [for x in ["a"] : x => 1]
    h = [for x in ["a"] : x...]
  }
}
