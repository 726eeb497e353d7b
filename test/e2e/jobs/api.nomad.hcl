job "api" {
  group "api" {
    network {
      mode = "bridge"
      port "http" {
        to = 9001
      }
    }

    service {
      name = "api"
      port = "http"

      connect {
        sidecar_service {}
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-m", "http.server", "--bind", "127.0.0.1", "${NOMAD_PORT_http}"]
      }
    }
  }
}
