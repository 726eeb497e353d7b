job "x" {
  name   = "a\qb"
  region = "\u12"
  namespace = "$${ok} ${"
}
