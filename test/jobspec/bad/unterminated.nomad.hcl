job "x" {
  name = "no end
  region = "eu"
  meta {
    a = <<EOT
  never ends
  }
}
