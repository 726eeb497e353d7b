job "network" {
  type = "batch"

  meta {
    cidrhost    = jsonencode([cidrhost("10.12.127.0/20", 16), cidrhost("10.12.127.0/20", 268), cidrhost("fd00:fd12:3456:7890::/56", 34), cidrhost("10.0.0.0/24", -1)])
    cidrnetmask = cidrnetmask("172.16.0.0/12")
    cidrsubnet  = jsonencode([cidrsubnet("172.16.0.0/12", 4, 2), cidrsubnet("10.1.2.0/24", 4, 15), cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)])
    cidrsubnets = jsonencode(cidrsubnets("10.1.0.0/16", 4, 4, 8, 4))
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
