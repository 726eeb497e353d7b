job "rules-connect" {
  group "main" {
    network {
      mode = "bridge"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      connect {
        native = true
        sidecar_service {
          proxy {
            upstreams {
              local_bind_port = 80
            }
            upstreams {
              destination_name = "a"
              local_bind_port = 80
            }
            transparent_proxy {
              uid = "root"
              exclude_inbound_ports = ["htttp"]
              exclude_outbound_cidrs = ["10.0.0.0"]
              exclude_uids = ["99999"]
            }
          }
        }
      }
      check {
        type = "tcp"
        interval = "10s"
        timeout = "1s"
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
