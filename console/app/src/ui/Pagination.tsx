import { Pagination as RaPagination } from 'react-admin'

/** Of the lists that are short as a rule. */
export const Pagination = () => <RaPagination rowsPerPageOptions={[25, 100, 500]} />
