job "transparent-web" {
  group "web" {
    network {
      mode = "bridge"
    }

    service {
      name = "transparent-web"
      port = "9002"

      connect {
        sidecar_service {
          proxy {
            transparent_proxy {
              outbound_port         = 15006
              exclude_inbound_ports = ["9003"]
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "excluded" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-m", "http.server", "--bind", "0.0.0.0", "9003"]
      }
    }

    task "server" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-m", "http.server", "--bind", "0.0.0.0", "9002"]
      }
    }
  }
}
