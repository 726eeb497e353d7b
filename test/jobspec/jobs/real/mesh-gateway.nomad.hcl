job "mesh-gateway" {
  datacenters = ["one", "two"]

  group "gateway" {
    network {
      mode = "bridge"

      port "mesh_wan" {
        host_network = "public"
        static       = 9443
      }
    }

    service {
      name = "mesh-gateway"
      port = "mesh_wan"

      connect {
        gateway {
          mesh {}

          proxy {}
        }
      }
    }

    task "note" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["infinity"]
      }
    }
  }
}
