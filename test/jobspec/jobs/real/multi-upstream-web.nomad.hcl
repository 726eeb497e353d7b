job "multi-upstream-web" {
  group "web" {
    count = 2

    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }

      port "exposed" {
        to = -1
      }
    }

    service {
      name = "web"
      port = "8080"

      connect {
        sidecar_service {
          proxy {
            dynamic "upstreams" {
              for_each = { api = 8001, users = 8002, billing = 8003 }

              content {
                destination_name = upstreams.key
                local_bind_port  = upstreams.value
              }
            }

            expose {
              path {
                path            = "/metrics"
                protocol        = "http"
                local_path_port = 8080
                listener_port   = "exposed"
              }
            }

            config {
              protocol = "http"
            }
          }
        }
      }
    }

    task "web" {
      driver = "exec"

      config {
        command = "/opt/web"
      }

      env {
        API     = "${NOMAD_UPSTREAM_ADDR_api}"
        USERS   = "${NOMAD_UPSTREAM_ADDR_users}"
        BILLING = "${NOMAD_UPSTREAM_ADDR_billing}"
      }
    }
  }
}
