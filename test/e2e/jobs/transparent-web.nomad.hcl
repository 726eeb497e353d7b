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
            transparent_proxy {}
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
