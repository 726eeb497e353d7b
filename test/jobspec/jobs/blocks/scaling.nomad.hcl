job "scaling" {
  group "main" {
    scaling {
      enabled = false
      min     = 2
      max     = 10

      policy {
        cooldown            = "1m"
        evaluation_interval = "10s"

        check "load" {
          source = "prometheus"
          query  = "avg(load)"

          strategy "target-value" {
            target = 70
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
