job "gateway-ingress-tls" {
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
          ingress {
            tls {
              enabled         = true
              tls_min_version = "TLSv1_2"
              tls_max_version = "TLSv1_3"
              cipher_suites   = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]

              sds {
                cluster_name  = "sds"
                cert_resource = "edge"
              }
            }

            listener {
              port     = 8443
              protocol = "http2"

              service {
                name  = "web"
                hosts = ["*.example.com"]

                tls {
                  sds {
                    cluster_name  = "sds"
                    cert_resource = "web"
                  }
                }
              }
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
