job "x" {
  type = "batch"
}
}
