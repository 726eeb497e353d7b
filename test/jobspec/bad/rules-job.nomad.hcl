job "has a space" {
  type        = "servce"
  priority    = 200
  datacenters = [""]

  group "main" {
    count = -1
  }

  group "main" {
    task "run" {}
  }
}
