# A task with cores of its own.

variable "cores" {
  type    = number
  default = 1
}

job "core" {
  group "app" {
    update {
      min_healthy_time = "0s"
    }

    task "app" {
      driver = "exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo runs on $NOMAD_CPU_CORES; while :; do sleep 1; done"]
      }

      resources {
        cores  = var.cores
        memory = 50
      }
    }
  }
}
