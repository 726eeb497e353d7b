job "multiregion" {
  multiregion {
    strategy {
      max_parallel = 1
      on_failure   = "fail_all"
    }

    region "north" {
      count       = 2
      datacenters = ["n1", "n2"]
      node_pool   = "big"

      meta {
        tier = "first"
      }
    }

    region "south" {}
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
