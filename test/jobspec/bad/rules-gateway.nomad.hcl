job "rules-gateway" {
  group "main" {
    network {
      mode = "bridge"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      connect {
        gateway {
          proxy {
            envoy_dns_discovery_type = "MAGIC"
            envoy_gateway_bind_addresses "a" {
              port = 0
            }
          }
          ingress {
            listener {
              port = 0
              protocol = "udp"
            }
            listener {
              port = 80
              service {
                name = "*"
                hosts = ["a"]
              }
            }
          }
          terminating {
            service {
              cert_file = "x"
              sni = "y"
            }
          }
        }
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
