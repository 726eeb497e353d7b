variable "services" {
  type = map(object({
    port     = number
    replicas = number
    public   = bool
    env      = map(string)
  }))

  default = {
    api   = { port = 8080, replicas = 2, public = true, env = { LOG = "info" } }
    users = { port = 8081, replicas = 1, public = false, env = {} }
  }
}

locals {
  public   = [for name, service in var.services : name if service.public]
  upstream = { for name, service in var.services : name => service.port if !service.public }
  total    = length(flatten([for service in var.services : range(service.replicas)]))
}

job "platform" {
  meta {
    public = join(",", local.public)
    total  = local.total
  }

  dynamic "group" {
    for_each = var.services
    iterator = it
    labels   = [it.key]

    content {
      count = it.value.replicas

      network {
        mode = "bridge"

        port "http" {
          to = it.value.port
        }
      }

      service {
        name = it.key
        port = "http"

        connect {
          sidecar_service {
            proxy {
              dynamic "upstreams" {
                for_each = { for name, port in local.upstream : name => port if name != it.key }

                content {
                  destination_name = upstreams.key
                  local_bind_port  = upstreams.value + 1000
                }
              }
            }
          }
        }
      }

      task "main" {
        driver = "exec"
        env    = merge({ PORT = it.value.port }, it.value.env)

        config {
          command = "/opt/${it.key}"
        }
      }
    }
  }
}
