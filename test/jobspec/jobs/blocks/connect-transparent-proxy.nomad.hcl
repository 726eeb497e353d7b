job "connect-transparent-proxy" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }

      port "fixed" {
        static = 9100
      }
    }

    service {
      name = "web"
      port = "http"

      connect {
        sidecar_service {
          proxy {
            transparent_proxy {
              uid                    = "102"
              outbound_port          = 15002
              exclude_inbound_ports  = ["fixed", "9090"]
              exclude_outbound_ports = [443, 8443]
              exclude_outbound_cidrs = ["10.0.0.0/8", "fd00::/8"]
              exclude_uids           = ["0", "33"]
              no_dns                 = true
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
