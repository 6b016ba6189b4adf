package command

// families are the tables of all files.
func families() []table {
	return []table{
		listing(), dates(), copying(), removing(), owning(), reading(), ordering(), summing(), identity(), running(), searching(), measuring(), processes(), networking(), hardware(), services(), packaging(), accounts(), packers(), languages(), paging(),
	}
}
