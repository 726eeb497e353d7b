job "job-all-attributes" {
  region         = "eu"
  namespace      = "shop"
  id             = "other-id"
  name           = "The shop"
  type           = "service"
  priority       = 80
  all_at_once    = true
  datacenters    = ["dc1", "eu-*"]
  node_pool      = "fast"

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
