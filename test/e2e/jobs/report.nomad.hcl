job "report" {
  group "report" {
    network {
      mode = "bridge"
    }

    service {
      name = "report"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "postgres"
              local_bind_port  = 5432
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "wait" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["3600"]
      }
    }
  }
}
