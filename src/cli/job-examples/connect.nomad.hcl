# Two services that speak through the mesh. Each has an Envoy beside it; between the two all is encrypted and each
# knows who the other is. Try it with: yurt job run example.nomad.hcl
job "countdash" {
  group "api" {
    network {
      # In a network namespace of its own the service is reached through its proxy alone.
      mode = "bridge"
    }

    service {
      name = "count-api"

      # The port inside the namespace at which the task listens.
      port = "9001"

      connect {
        # Puts the Envoy beside the service.
        sidecar_service {}
      }
    }

    task "api" {
      driver = "exec"

      config {
        command = "python3"
        args    = ["-m", "http.server", "9001", "--bind", "127.0.0.1"]
      }
    }
  }

  group "dashboard" {
    network {
      mode = "bridge"

      # The page is for people: a port of the host leads to it.
      port "http" {
        static = 9002
        to     = 9002
      }
    }

    service {
      name = "count-dashboard"
      port = "http"

      connect {
        sidecar_service {
          proxy {
            # The proxy listens at 127.0.0.1:8080 and carries what comes there to an instance of count-api.
            upstreams {
              destination_name = "count-api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    task "dashboard" {
      driver = "exec"

      env {
        COUNTING_SERVICE_URL = "http://${NOMAD_UPSTREAM_ADDR_count_api}"
      }

      config {
        command = "python3"
        args    = ["-m", "http.server", "9002"]
      }
    }
  }
}
