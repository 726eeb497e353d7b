job "resources-cores" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      resources {
        cores      = 2
        memory_max = -1

        numa {
          affinity = "require"
          devices  = ["nvidia/gpu"]
        }

        device "nvidia/gpu" {
          count = 2

          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "4 GiB"
          }

          affinity {
            attribute = "${device.model}"
            value     = "Tesla K80"
            weight    = 30
          }
        }

        device "fpga" {}
      }
    }
  }
}
