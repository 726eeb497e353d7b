job "gateway-terminating" {
  group "main" {
    network {
      mode = "bridge"

      port "inbound" {
        static = 8080
        to     = 8080
      }
    }

    service {
      name = "edge"
      port = "inbound"

      connect {
        gateway {
          terminating {
            service {
              name      = "billing"
              ca_file   = "/certs/ca.pem"
              cert_file = "/certs/cert.pem"
              key_file  = "/certs/key.pem"
              sni       = "billing.example.com"
            }

            service {
              name = "legacy"
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
