job "kind-of-own-proxy" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {}
    }

    service {
      name = "web"
      port = "http"

      connect {
        sidecar_service {}
      }
    }

    task "proxy" {
      driver = "raw_exec"
      kind   = "connect-proxy:web"

      config {
        command = "/usr/bin/envoy"
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
