job "network-host" {
  group "main" {
    network {
      port "dynamic" {}

      port "fixed" {
        static = 8080
      }

      port "zero" {
        static = 0
        to     = 90
      }

      port "public" {
        static       = 443
        host_network = "public"
      }

      port "shared" {
        static           = 9999
        ignore_collision = true
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
