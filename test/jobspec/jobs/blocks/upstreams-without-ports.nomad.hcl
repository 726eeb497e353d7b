job "upstreams-without-ports" {
  group "main" {
    network {
      mode = "bridge"
    }

    service {
      name = "web"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
            }

            upstreams {
              destination_name = "db"
            }
          }
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
