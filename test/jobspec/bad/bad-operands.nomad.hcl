job "bad-operands" {
  meta {
    a = 1 + "x"
    b = !"maybe"
    c = -"text"
    d = 1 < "x"
    e = [1] + [2]
    f = 1 / 0
    g = true && "x"
    h = "x" ? 1 : 2
  }
}
