job "labels" {
  group {
    task "a" "b" {
      driver = "exec"
    }

    network "host" {}

    task "run" {
      driver = "exec"

      scaling "disk" {
        max = 1
      }
    }
  }
}
