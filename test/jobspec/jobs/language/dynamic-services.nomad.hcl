variable "services" {
  type = list(object({ name = string, path = string }))
  default = [
    { name = "web", path = "/" },
    { name = "api", path = "/health" },
  ]
}

job "dynamic-services" {
  group "main" {
    network {
      port "http" {}
    }

    dynamic "service" {
      for_each = var.services

      content {
        name = service.value.name
        port = "http"

        check {
          type     = "http"
          path     = service.value.path
          interval = "10s"
          timeout  = "2s"
        }
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
