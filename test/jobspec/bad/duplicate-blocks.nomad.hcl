job "duplicate-blocks" {
  update {}
  update {}

  group "main" {
    restart {}
    restart {}

    volume "v" {
      type   = "host"
      source = "a"
    }

    volume "v" {
      type   = "host"
      source = "b"
    }

    task "run" {
      driver = "exec"
      logs {}
      logs {}
    }
  }
}
