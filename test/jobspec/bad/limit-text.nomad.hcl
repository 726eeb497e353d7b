job "limit-text" {
  meta {
    a = strlen(format("%2000000000s", "x"))
  }
}
