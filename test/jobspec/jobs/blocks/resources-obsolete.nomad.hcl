job "resources-obsolete" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      resources {
        iops = 10

        network {
          mbits = 5

          port "http" {}

          port "admin" {
            static = 9000
          }
        }
      }
    }
  }
}
