job "limit-range" {
  meta {
    a = join(",", range(100000000))
  }
}
