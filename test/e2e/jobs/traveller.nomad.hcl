variable "mode" {
  type = string
}

job "traveller" {
  group "traveller" {
    network {
      mode = "bridge"
    }

    service {
      name = "traveller"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "where"
              local_bind_port  = 5001
              mesh_gateway {
                mode = var.mode
              }
            }
            upstreams {
              destination_name = "where"
              datacenter       = "dc2"
              local_bind_port  = 5002
              mesh_gateway {
                mode = var.mode
              }
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

      template {
        destination = "local/places"
        data        = "{{ range service \"where@dc2\" }}where is in {{ .NodeDatacenter }}\n{{ end }}"
        change_mode = "noop"
      }
    }
  }
}
