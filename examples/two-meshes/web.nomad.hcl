job "web" {
  group "web" {
    network {
      mode = "bridge"
    }

    service {
      name = "web"
      port = "9002"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              destination_peer = "cloud"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "server" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-m", "http.server", "--bind", "127.0.0.1", "9002"]
      }
    }
  }
}
