variable "version" {
  type    = string
  default = "1"
}

job "steps" {
  group "app" {
    count = 2

    update {
      canary           = 1
      max_parallel     = 1
      min_healthy_time = "0s"
      health_check     = "task_states"
    }

    task "main" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["1000"]
      }

      env {
        VERSION = var.version
      }

      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}
