job "resources" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      resources {
        cpu        = 500
        memory     = 256
        memory_max = 512
        secrets    = 5
      }
    }
  }
}
