job "gpu-training" {
  type = "batch"

  affinity {
    attribute = "${meta.gpu}"
    value     = "fast"
    weight    = 75
  }

  group "train" {
    task "train" {
      driver = "docker"

      config {
        image   = "example/train:3"
        runtime = "nvidia"
      }

      resources {
        cores  = 8
        memory = 16384

        device "nvidia/gpu" {
          count = 2

          constraint {
            attribute = "${device.attr.memory}"
            operator  = ">="
            value     = "8 GiB"
          }

          affinity {
            attribute = "${device.attr.compute_capability}"
            operator  = ">="
            value     = "7.0"
            weight    = 50
          }
        }

        numa {
          affinity = "prefer"
        }
      }
    }
  }
}
