job "gateway-mesh" {
  group "main" {
    network {
      mode = "host"

      port "inbound" {
        static       = 8443
        host_network = "public"
      }
    }

    service {
      name = "edge"
      port = "inbound"

      connect {
        gateway {
          proxy {
            connect_timeout                     = "1s"
            envoy_gateway_bind_tagged_addresses = true
            envoy_gateway_no_default_bind       = true
            envoy_dns_discovery_type            = "STRICT_DNS"

            envoy_gateway_bind_addresses "wan" {
              address = "0.0.0.0"
              port    = 8443
            }

            envoy_gateway_bind_addresses "lan" {
              address = "0.0.0.0"
              port    = -1
            }

            config {
              k = "v"
            }
          }

          mesh {}
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
