job "wrong-types" {
  priority    = "high"
  all_at_once = "perhaps"
  datacenters = "dc1"
  region      = ["eu"]

  meta {
    list = ["a"]
    null = null
  }

  group "main" {
    count = 1.5

    shutdown_delay = "soon"

    restart {
      interval = "5 minutes"
      delay    = true
      attempts = "2x"
    }

    task "run" {
      driver = "exec"
      env    = ["A=1"]
    }
  }
}
