job "x" {
  type = "batch"
  type = "service"
}
